/** A ticket as a QR code: half blocks for a terminal, or an image. */
import { renderSVG, renderUnicodeCompact } from 'uqr';

/** Upper case has a denser mode in a QR code, and a ticket reads the same in it. */
const denser = (ticket: string): string => ticket.toUpperCase();

/** Lines for a terminal, or undefined when it has too little room. */
export function qrLines(
  ticket: string,
  room: { readonly columns: number; readonly rows: number },
): readonly string[] | undefined {
  const lines = renderUnicodeCompact(denser(ticket), { border: 2 }).split('\n');
  const width = Math.max(...lines.map((line) => line.length));
  return width <= room.columns && lines.length < room.rows ? lines : undefined;
}

/** An SVG image. */
export function qrImage(ticket: string): string {
  return `${renderSVG(denser(ticket), { border: 4 })}\n`;
}
