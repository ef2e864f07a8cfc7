import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface WindowedRowsProps {
  readonly count: number;
  readonly rowHeight: number;
  /** The row to scroll to when this changes; negative for none. */
  readonly follow: number;
  readonly renderRow: (at: number, style: { readonly top: string }) => ComponentChildren;
}

/** Rows rendered beyond each edge, ready for scrolling. */
const overscan = 8;

/** A list of any length that renders only the rows in sight. */
export function WindowedRows({ count, rowHeight, follow, renderRow }: WindowedRowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || follow < 0) return;
    const top = follow * rowHeight;
    const bottom = top + rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) {
      element.scrollTop = bottom - element.clientHeight;
    }
  }, [follow, rowHeight]);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - overscan);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + overscan);
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  return (
    <div ref={box} class="windowed" role="presentation">
      <div role="presentation" class="windowed-all" style={{ height: `${count * rowHeight}px` }}>
        {shown.map((at) => renderRow(at, { top: `${at * rowHeight}px` }))}
      </div>
    </div>
  );
}
