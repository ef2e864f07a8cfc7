import type uPlot from 'uplot';

/** A change of leader, as this member saw it. */
export interface ElectionMark {
  /** Seconds since 1970. */
  readonly at: number;
  readonly label: string;
}

interface MarkStyle {
  readonly line: string;
  readonly ground: string;
  readonly fontFamily: string;
}

/** A vertical line at each election, labelled with the outcome. */
export function drawMarks(
  { ctx, bbox, valToPos }: uPlot,
  marks: readonly ElectionMark[],
  style: MarkStyle,
): void {
  ctx.save();
  ctx.fillStyle = style.line;
  ctx.font = `${11 * devicePixelRatio}px ${style.fontFamily}`;
  ctx.textBaseline = 'top';
  for (const { at } of marks) {
    const x = Math.round(valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.strokeStyle = style.line;
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  // After all lines, or the line of one mark would cross the label of another.
  const labels = marks.flatMap(({ at, label }) => {
    const x = Math.round(valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) return [];
    const isRight = x > bbox.left + bbox.width / 2;
    const { width } = ctx.measureText(label);
    const gap = 4 * devicePixelRatio;
    const left = isRight ? x - gap - width : x + gap;
    return [{ label, left, right: left + width }];
  });
  ctx.textAlign = 'left';
  const rows = rowsOf(labels, 4 * devicePixelRatio);
  for (const [position, { label, left }] of labels.entries()) {
    const top = bbox.top + (rows[position] ?? 0) * 13 * devicePixelRatio;
    // An outline in the background colour keeps the label readable over the lines.
    ctx.setLineDash([]);
    ctx.strokeStyle = style.ground;
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.strokeText(label, left, top);
    ctx.fillText(label, left, top);
  }
  ctx.restore();
}

interface Extent {
  readonly left: number;
  readonly right: number;
}

/** For each label the uppermost row in which it overlaps no earlier one. */
export function rowsOf(labels: readonly Extent[], gap: number): readonly number[] {
  const rows: Extent[][] = [];
  return labels.map((label) => {
    const isApart = (other: Extent) =>
      label.left >= other.right + gap || label.right + gap <= other.left;
    const free = rows.findIndex((row) => row.every(isApart));
    if (free < 0) return rows.push([label]) - 1;
    rows[free]?.push(label);
    return free;
  });
}
