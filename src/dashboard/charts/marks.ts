import type uPlot from 'uplot';
import type { ElectionMark } from '../live/samples.js';

/** A line from top to bottom at each election, with what came of it. */
export function drawMarks(
  { ctx, bbox, valToPos }: uPlot,
  marks: readonly ElectionMark[],
  colour: string,
  fontFamily: string,
): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.font = `${11 * devicePixelRatio}px ${fontFamily}`;
  ctx.textBaseline = 'top';
  for (const [position, { at, label }] of marks.entries()) {
    const x = Math.round(valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const isRight = x > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? 'right' : 'left';
    // Marks that follow each other closely would write over one another.
    const line = (position % 3) * 13 * devicePixelRatio;
    ctx.fillText(label, x + (isRight ? -4 : 4) * devicePixelRatio, bbox.top + line);
  }
  ctx.restore();
}
