import type { Face } from 'moue';
import { t } from '../i18n';

interface Props {
  faces: Face[];
  /** Width divided by height of the picture. */
  aspect: number;
  chosen?: number;
  onChoose?: (index: number) => void;
  /** The picture is cut off where its shape is not that of its place. */
  covers?: boolean;
}

/** Light marks around faces, in a layer of the picture's own shape. */
export function Marks({ faces, aspect, chosen, onChoose, covers }: Props) {
  return (
    <svg class="marks" viewBox={`0 0 ${aspect * 1000} 1000`} preserveAspectRatio={`xMidYMid ${covers ? 'slice' : 'meet'}`}>
      {faces.map((face, index) => (
        <Mark key={index} {...{ face, aspect, index, onChoose }} isChosen={chosen === index} isOne={faces.length === 1} />
      ))}
    </svg>
  );
}

function Mark(props: {
  face: Face;
  aspect: number;
  index: number;
  isChosen: boolean;
  isOne: boolean;
  onChoose: ((index: number) => void) | undefined;
}) {
  const { face, aspect, index, onChoose } = props;
  const [x, y] = [face.box.x * aspect * 1000, face.box.y * 1000];
  const [w, h] = [face.box.width * aspect * 1000, face.box.height * 1000];
  const corner = Math.min(w, h) * 0.22;
  const d = corners(x, y, w, h, corner);
  const choose = onChoose && !props.isOne ? () => onChoose(index) : undefined;
  return (
    <g
      class={props.isChosen && !props.isOne ? 'mark chosen' : 'mark'}
      {...(choose ? { role: 'button', tabIndex: 0, 'aria-label': t('face', { n: index + 1 }), 'aria-pressed': props.isChosen } : {})}
      onClick={choose}
      onKeyDown={(e) => (e.key === 'Enter' || e.key === ' ') && choose?.()}
    >
      {choose && <rect {...{ x, y }} width={w} height={h} fill="transparent" />}
      <path d={d} class="halo" />
      <path d={d} />
    </g>
  );
}

function corners(x: number, y: number, w: number, h: number, c: number): string {
  const [r, b] = [x + w, y + h];
  return (
    `M${x} ${y + c}Q${x} ${y} ${x + c} ${y}M${r - c} ${y}Q${r} ${y} ${r} ${y + c}` +
    `M${r} ${b - c}Q${r} ${b} ${r - c} ${b}M${x + c} ${b}Q${x} ${b} ${x} ${b - c}`
  );
}
