import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { countText } from '../format/quantity.js';
import { drawMarks, type ElectionMark } from './marks.js';
import { useThemeVersion } from './use-theme-version.js';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
}

interface ChartProps {
  readonly title: string;
  readonly note: string;
  readonly unit: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly marks: readonly ElectionMark[];
  /** The longest time span that is shown. */
  readonly spanSeconds: number;
}

const height = 170;
/** Leaves room above the highest value for the labels of the marks. */
const headroom = 1.45;
/** The shortest time span that is shown. */
const spanSecondsMin = 60;
/** Lines differ by their dashes, too. */
const dashes: readonly (number[] | undefined)[] = [undefined, [6, 4], [2, 3], [10, 3, 2, 3]];

export function Chart(props: ChartProps) {
  const { title, note, unit, times, series, marks, spanSeconds } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latestMarks = useRef(marks);
  latestMarks.current = marks;
  const theme = useThemeVersion();
  const labels = series.map(({ label }) => label).join('\n');

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const created = new uPlot(
      optionsOf(element, labels.split('\n'), () => latestMarks.current, spanSeconds),
      [[]],
      element,
    );
    plot.current = created;
    const observer = new ResizeObserver(() =>
      created.setSize({ width: element.clientWidth, height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
    };
  }, [labels, theme, spanSeconds]);

  useEffect(() => {
    const lines = series.map(({ values }) => values.map((value) => value ?? null));
    plot.current?.setData([[...times], ...lines]);
  }, [times, series, theme, spanSeconds]);

  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <p class="chart-note">{note}</p>
      </figcaption>
      <div ref={box} class="chart-box" role="img" aria-label={spoken(title, unit, series)} />
      <ul class="chart-legend" aria-hidden="true">
        {series.map(({ label, values }, position) => (
          <li key={label} class={`series-${position % dashes.length}`}>
            <svg class="chart-line" viewBox="0 0 24 4" aria-hidden="true">
              <line x1="0" y1="2" x2="24" y2="2" />
            </svg>
            {label}: <strong>{valueText(values.at(-1), unit)}</strong>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** The text alternative of the chart. */
function spoken(title: string, unit: string, series: readonly Series[]): string {
  const parts = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0) return `${label}: no data yet`;
    const most = valueText(Math.max(...known), unit);
    return `${label}: now ${valueText(values.at(-1), unit)}, at most ${most}`;
  });
  return `${title}. ${parts.join('; ')}.`;
}

function valueText(value: number | undefined, unit: string): string {
  if (value === undefined) return 'unknown';
  return `${numberText(value)} ${unit}`;
}

function numberText(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : countText(value);
}

function optionsOf(
  element: HTMLElement,
  labels: readonly string[],
  marks: () => readonly ElectionMark[],
  spanSeconds: number,
): uPlot.Options {
  const clamped = (seconds: number) => Math.min(spanSeconds, Math.max(spanSecondsMin, seconds));
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--text-quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_plot, min, max) => [max - clamped(max - min), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max * headroom)] },
    },
    axes: [
      {
        ...axis,
        values: [
          [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
          [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
        ],
        space: 90,
        size: 26,
      },
      { ...axis, size: 52, values: (_plot, ticks) => ticks.map(numberText) },
    ],
    series: [
      {},
      ...labels.map((label, position): uPlot.Series => {
        const dash = dashes[position % dashes.length];
        const stroke = colour(`--series-${position % dashes.length}`);
        return { label, stroke, width: 2, points: { show: false }, ...(dash && { dash }) };
      }),
    ],
    hooks: {
      draw: [
        (plot) =>
          drawMarks(plot, marks(), {
            line: colour('--mark'),
            ground: colour('--ground'),
            fontFamily: style.fontFamily,
          }),
      ],
    },
  };
}
