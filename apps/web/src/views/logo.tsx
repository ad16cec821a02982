/** Three faces, each with another mouth. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 220 100" aria-hidden="true">
      <g transform="translate(4 14) rotate(-7 40 40)">
        <circle cx="40" cy="40" r="38" class="head a" />
        <circle cx="28" cy="33" r="4.5" class="ink" />
        <circle cx="52" cy="33" r="4.5" class="ink" />
        <path d="M22 48c6 16 30 16 36 0z" class="ink" />
      </g>
      <g transform="translate(136 14) rotate(7 40 40)">
        <circle cx="40" cy="40" r="38" class="head c" />
        <path d="M20 28l14 4M60 28l-14 4" class="line" />
        <circle cx="29" cy="37" r="4.5" class="ink" />
        <circle cx="51" cy="37" r="4.5" class="ink" />
        <path d="M27 59q13-12 26 0" class="line" />
      </g>
      <g transform="translate(68 6)">
        <circle cx="42" cy="42" r="41" class="head b" />
        <circle cx="29" cy="35" r="5.5" class="ink" />
        <circle cx="55" cy="35" r="5.5" class="ink" />
        <path d="M22 22q7-6 14-2M48 20q7-4 14 2" class="line" />
        <ellipse cx="42" cy="59" rx="8" ry="10" class="ink" />
      </g>
    </svg>
  );
}
