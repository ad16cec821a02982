import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { PictureUrls } from '../../logic/urls';
import { blobOf } from '../client';
import type { Cell } from '../library';
import { number, w } from '../words';

interface Props {
  cells: Cell[];
  /** Cells of a row; as many as fit unless set. */
  columns: number | undefined;
  /** Pixels along a side of a cell at least. */
  size: number;
  onOpen(cell: Cell): void;
  /** The last rows are near. */
  onEnd(): void;
}

/** Between two cells. */
const GAP = 6;

/** The line of words under a picture of a list, in units of the text's size. */
const WORDS = 1.5;

/** Rows and columns beyond the edges that are in the page. */
const SPARE = 2;

interface View {
  left: number;
  top: number;
  width: number;
  height: number;
  /** The size of text, which people set. */
  em: number;
}

/** A grid of which only what is on the screen is in the page, so that ten thousand pictures stay
 * light. A map is as wide as it is and is moved both ways; a list fills the width. */
export function Cells({ cells, columns, size, onOpen, onEnd }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useView(box);
  const perRow = columns ?? Math.max(1, Math.floor((view.width + GAP) / (size + GAP)));
  const side = columns === undefined ? (view.width + GAP) / perRow - GAP : size;
  const [stepX, stepY] = [side + GAP, side + GAP + (columns === undefined ? WORDS * view.em : 0)];
  const rows = Math.ceil(cells.length / perRow);
  const [last, setFocused, now] = useFocus(box, cells.length);
  useScroll(box, view, columns, [stepX, stepY], cells[0]?.id);
  const lastRow = Math.min(rows, Math.ceil((view.top + view.height) / stepY) + SPARE);
  useEffect(() => {
    if (view.height > 0 && lastRow >= rows - SPARE) onEnd();
  }, [lastRow, rows, view.height]);
  const shown = visible(view, stepX, stepY, perRow, lastRow, cells.length);
  const hasFocus = box.current?.contains(document.activeElement) ?? false;
  // The Tab key goes to where one was, or to what is on the screen.
  const focused = hasFocus || shown.includes(last) ? last : (shown[Math.floor(shown.length / 2)] ?? 0);
  if (focused < cells.length && !shown.includes(focused)) shown.push(focused);
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / stepY) - 1) * perRow;
    const moves: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow, PageUp: -page, PageDown: page };
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? cells.length - 1 : now.current + (moves[event.key] ?? NaN);
    if (!(to >= 0 && to < cells.length)) return;
    event.preventDefault();
    setFocused(to);
    reveal(box.current, (to % perRow) * stepX, Math.floor(to / perRow) * stepY, stepX, stepY);
  };
  return (
    <div ref={box} class={columns === undefined ? 'cells' : 'cells map'}>
      <ul
        aria-label={w(columns === undefined ? 'listLabel' : 'mapLabel')}
        style={{ width: columns === undefined ? '100%' : `${perRow * stepX - GAP}px`, height: `${Math.max(0, rows * stepY - GAP)}px` }}
        onKeyDown={onKeyDown}
      >
        {shown.map((i) => {
          const cell = cells[i]!;
          return (
            <li
              key={cell.id}
              aria-setsize={cells.length}
              aria-posinset={i + 1}
              style={{ left: `${(i % perRow) * stepX}px`, top: `${Math.floor(i / perRow) * stepY}px`, width: `${side}px` }}
            >
              <button
                class="cell"
                data-index={i}
                tabIndex={i === focused ? 0 : -1}
                aria-label={label(cell)}
                onFocus={() => setFocused(i, false)}
                onClick={() => onOpen(cell)}
              >
                <CellPicture id={cell.id} side={side} isFace={columns !== undefined} />
                {columns === undefined && <span class="cell-words">{cell.similarity === undefined ? cell.words : alike(cell.similarity)}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

export function alike(similarity: number): string {
  return w('alike', { percent: number(Math.round(Math.max(0, similarity) * 100)) });
}

function label(cell: Cell): string {
  return cell.similarity === undefined ? cell.words : `${cell.words}, ${alike(cell.similarity)}`;
}

/** What of the box is on the screen. */
function useView(box: RefObject<HTMLDivElement | null>): View {
  const [view, setView] = useState<View>({ left: 0, top: 0, width: 0, height: 0, em: 16 });
  useLayoutEffect(() => {
    const element = box.current!;
    const look = (): void => {
      const { scrollLeft, scrollTop, clientWidth, clientHeight } = element;
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      const width = clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
      const em = parseFloat(getComputedStyle(document.documentElement).fontSize);
      setView({ left: scrollLeft, top: scrollTop, width, height: clientHeight, em });
    };
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  return view;
}

/** The cell that has the focus or would get it, how to give it to another, and the one that was given it
 * last: keys may come faster than cells are drawn. */
function useFocus(box: RefObject<HTMLDivElement | null>, count: number): [number, (to: number, moves?: boolean) => void, RefObject<number>] {
  const [focused, setFocused] = useState(0);
  const now = useRef(0);
  const moves = useRef(false);
  const isOwn = useRef(false);
  useEffect(() => {
    const cell = box.current?.querySelector<HTMLButtonElement>(`[data-index='${now.current}']`);
    // Where another key has come meanwhile, its cell is drawn next.
    if (!moves.current || !cell) return;
    moves.current = false;
    isOwn.current = true;
    cell.focus({ preventScroll: true });
    isOwn.current = false;
  });
  const set = (to: number, isMove = true): void => {
    // What the effect above does tells nothing new, and another key may have come meanwhile.
    if (isOwn.current) return;
    moves.current = isMove;
    now.current = to;
    setFocused(to);
  };
  return [Math.min(focused, Math.max(0, count - 1)), set, now];
}

/** A list begins at its top, and a map at its middle, which stays where it is when its cells grow. */
function useScroll(
  box: RefObject<HTMLDivElement | null>,
  view: View,
  columns: number | undefined,
  [stepX, stepY]: [number, number],
  first: number | undefined,
): void {
  const before = useRef<{ columns: number | undefined; stepX: number }>(undefined);
  useLayoutEffect(() => {
    const element = box.current!;
    const old = before.current;
    before.current = { columns, stepX };
    if (columns === undefined) {
      element.scrollTop = 0;
      return;
    }
    const isGrown = old !== undefined && old.columns === columns && old.stepX !== stepX;
    const scale = isGrown ? stepX / old.stepX : 0;
    const { clientWidth, clientHeight, scrollWidth, scrollHeight } = element;
    element.scrollLeft = (isGrown ? (view.left + view.width / 2) * scale : scrollWidth / 2) - clientWidth / 2;
    element.scrollTop = (isGrown ? (view.top + view.height / 2) * scale : scrollHeight / 2) - clientHeight / 2;
    // Of a list the step follows the width of the screen, which moves nothing.
  }, [columns, columns === undefined ? 0 : stepX, columns === undefined ? 0 : stepY, first]);
}

function visible(view: View, stepX: number, stepY: number, perRow: number, lastRow: number, count: number): number[] {
  if (view.width === 0) return [];
  const firstRow = Math.max(0, Math.floor(view.top / stepY) - SPARE);
  const first = Math.max(0, Math.floor(view.left / stepX) - SPARE);
  const last = Math.min(perRow, Math.ceil((view.left + view.width) / stepX) + SPARE);
  const found: number[] = [];
  for (let row = firstRow; row < lastRow; row += 1) {
    for (let column = first; column < last; column += 1) {
      const i = row * perRow + column;
      if (i < count) found.push(i);
    }
  }
  return found;
}

function reveal(box: HTMLDivElement | null, x: number, y: number, width: number, height: number): void {
  if (!box) return;
  box.scrollLeft = Math.min(x, Math.max(box.scrollLeft, x + width - box.clientWidth));
  box.scrollTop = Math.min(y, Math.max(box.scrollTop, y + height - box.clientHeight));
}

/** Those of several screens of the smallest cells. */
const small = new PictureUrls(1500);

/** Up to this many pixels of the screen the small picture of the face is sharp. */
const FACE_PIXELS = 110;

function CellPicture({ id, side, isFace }: { id: number; side: number; isFace: boolean }) {
  const [url, setUrl] = useState<string>();
  const isSmall = isFace && side <= FACE_PIXELS;
  useEffect(() => {
    const gone = new AbortController();
    const path = `v1/pictures/${id}/thumbnail${isSmall ? '' : '?of=picture'}`;
    const read = (): Promise<void> => small.of(path, () => blobOf(path, gone.signal)).then((u) => void (gone.signal.aborted || setUrl(u)));
    // A cell that left the screen gives up its request, which may be the one that this cell shares:
    // then it asks for itself.
    read().catch(() => (gone.signal.aborted ? undefined : read())).catch(() => undefined);
    return () => gone.abort();
  }, [id, isSmall]);
  return url ? <img src={url} alt="" draggable={false} /> : <span class="blank" />;
}
