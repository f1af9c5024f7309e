/** What was typed as a filter: rows that contain it, whatever the case; `!` before it: rows that do not. Pure. */

export function filterOf(typed: string): (text: string) => boolean {
  const inverse = typed.startsWith('!');
  const wanted = (inverse ? typed.slice(1) : typed).trim().toLowerCase();
  if (wanted === '') return () => true;
  return (text) => text.toLowerCase().includes(wanted) !== inverse;
}
