import type { SVGProps } from "react";

/** The strength of a connection: filled bars of three. */
export function SignalBars({ bars, ...rest }: { readonly bars: number } & SVGProps<SVGSVGElement>) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true" focusable="false" {...rest}>
      {[0, 1, 2].map((index) => (
        <rect
          key={index}
          x={1.5 + index * 5}
          y={10 - index * 3.5}
          width="3"
          height={4.5 + index * 3.5}
          rx="1"
          opacity={index < bars ? 1 : 0.35}
        />
      ))}
    </svg>
  );
}
