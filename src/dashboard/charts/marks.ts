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
  for (const [position, { at, label }] of marks.entries()) {
    const x = Math.round(valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const isRight = x > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? 'right' : 'left';
    // Close marks are labelled on different lines, or their labels would overlap.
    const line = (position % 3) * 13 * devicePixelRatio;
    const textX = x + (isRight ? -4 : 4) * devicePixelRatio;
    // An outline in the background colour keeps the label readable over the lines.
    ctx.setLineDash([]);
    ctx.strokeStyle = style.ground;
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.strokeText(label, textX, bbox.top + line);
    ctx.fillText(label, textX, bbox.top + line);
  }
  ctx.restore();
}
