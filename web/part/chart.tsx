// Small drawings of figures: a meter, a line of the last minute, bars of a day.

/** How much of a whole; read aloud as its text. */
export function Meter({ value, max, text, tone = "good" }: { value: number; max: number; text: string; tone?: "good" | "wait" | "bad" }) {
  const part = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <svg class={`meter tone-${tone}`} viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={text}>
      <rect class="meter-rail" width="100" height="6" />
      <rect class="meter-fill" width={part * 100} height="6" />
    </svg>
  );
}

/** How a whole is shared out; read aloud as its text. */
export function Shares({ parts, text }: { parts: { tone: string; value: number }[]; text: string }) {
  const all = parts.reduce((sum, part) => sum + part.value, 0);
  let at = 0;
  return (
    <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={text}>
      <rect class="meter-rail" width="100" height="6" />
      {parts.filter((part) => part.value > 0).map((part) => {
        const width = (part.value / all) * 100;
        at += width;
        return <rect key={part.tone} class={`meter-fill tone-${part.tone}`} x={at - width} width={width} height="6" />;
      })}
    </svg>
  );
}

/** Points of a line in a box of `width` by `height`; null leaves a gap. Pure. */
export function linePath(values: (number | null)[], from: number, to: number, width: number, height: number, room: number): string {
  const step = width / Math.max(1, room - 1);
  const start = width - step * (values.length - 1);
  let path = "";
  let pen = false;
  values.forEach((value, n) => {
    if (value === null) return void (pen = false);
    const part = Math.min(1, Math.max(0, (value - from) / (to - from)));
    path += `${pen ? "L" : "M"}${(start + n * step).toFixed(1)} ${(height - part * height).toFixed(1)}`;
    pen = true;
  });
  return path;
}

export function Sparkline({ values, from, to, room, text, width = 120, height = 28 }: { values: (number | null)[]; from: number; to: number; room: number; text: string; width?: number; height?: number }) {
  return (
    <svg class="sparkline" viewBox={`-1 -2 ${width + 2} ${height + 4}`} preserveAspectRatio="none" role="img" aria-label={text}>
      <path class="sparkline-base" d={`M0 ${height}H${width}`} />
      <path class="sparkline-line" d={linePath(values, from, to, width, height, room)} />
    </svg>
  );
}

export type Bar = { label: string; text: string; parts: { tone: string; value: number }[] };

export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.parts.reduce((sum, part) => sum + part.value, 0)));
  const width = 100 / Math.max(1, bars.length);
  return (
    <div class="bars">
      <svg class="bars-plot" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
        {[0, 0.5, 1].map((at) => (
          <line key={at} class="bars-line" x1="0" x2="100" y1={40 - at * 39.5} y2={40 - at * 39.5} />
        ))}
        {bars.map((bar, n) => {
          let top = 40;
          return (
            <g key={n}>
              <title>{bar.text}</title>
              <rect x={n * width} width={width} y="0" height="40" fill="transparent" />
              {bar.parts.map((part) => {
                const height = (part.value / most) * 39.5;
                top -= height;
                return <rect key={part.tone} class={`bars-bar tone-${part.tone}`} x={n * width + width * 0.16} width={width * 0.68} y={top} height={height} />;
              })}
            </g>
          );
        })}
      </svg>
      <div class="bars-axis" aria-hidden="true">
        {bars.map((bar, n) => <span key={n}>{bar.label}</span>)}
      </div>
      <span class="bars-most" aria-hidden="true">{most}</span>
    </div>
  );
}
