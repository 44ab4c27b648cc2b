// The four levels as form and colour; unknown is hatched, normal an empty ring.
import type { Level } from "../types";
import { words } from "../words/words";

export type Sign = Level | "unknown" | "normal";

const FORMS = {
  red: <path d="M9 1 17 9 9 17 1 9Z" />,
  orange: <path d="M9 2 17 16H1Z" />,
  yellow: <circle cx="9" cy="9" r="7.5" />,
  blue: <rect x="2" y="2" width="14" height="14" rx="1" />,
  unknown: <path class="hatched" d="M2 2H16V16H2Z" />,
  normal: <circle class="ring" cx="9" cy="9" r="6" />,
};

export function Symbol({ sign }: { sign: Sign }) {
  return (
    <svg class={`sym ${sign}`} viewBox="0 0 18 18" role="img" aria-label={words.value[sign]}>
      {FORMS[sign]}
    </svg>
  );
}

export function Hatch() {
  return (
    <svg width="0" height="0" class="defs" aria-hidden="true">
      <defs>
        <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2" height="4" fill="currentColor" />
        </pattern>
      </defs>
    </svg>
  );
}
