// Grey lines in the place of what is on its way.

export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, n) => (
        <span key={n} class={`skeleton-line skeleton-${n % 3}`} />
      ))}
    </div>
  );
}
