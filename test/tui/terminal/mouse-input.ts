import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import test from 'ava';
import fc from 'fast-check';
import { MouseInput, takeMouse } from '../../../tui/terminal/mouse-input.ts';

test('reports are taken out, wherever the pieces are cut, and keys stay', (t) => {
  const paste = '\u001b[200~a\u001b[<0;1;1Mb\u001b[201~';
  const input = `j\u001b[<0;5;7M\u001b[<0;5;7m${paste}k\u001b[A\u001b[M !"\u001b[<65;1;1Mé`;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: input.length }), { maxLength: 4 }), (cuts) => {
      const ends = [...cuts, input.length].sort((a, b) => a - b);
      let start = 0;
      let rest = '';
      let text = '';
      let pasting = false;
      const events: unknown[] = [];
      for (const end of ends) {
        const piece = input.slice(start, end);
        // A lone Esc, and Esc with a bracket, are keys: a report that is cut there is not put together.
        fc.pre(!/\u001b\[?$/.test(input.slice(0, end)));
        const taken = takeMouse(rest + piece, pasting);
        ({ rest, pasting } = taken);
        text += taken.text;
        events.push(...taken.events);
        start = end;
      }
      t.is(text + rest, `j${paste}k\u001b[Aé`);
      t.deepEqual(events, [
        { type: 'click', x: 4, y: 6, by: 0 },
        { type: 'click', x: 0, y: 1, by: 0 },
        { type: 'wheel', x: 0, y: 0, by: 1 },
      ]);
    }),
  );
});

test('what is typed before anybody reads is not lost', async (t) => {
  const source = new PassThrough();
  const input = new MouseInput(source as unknown as ReadStream, () => undefined);
  source.write('q\u001b[<0;1;1M\u0003');
  // The library that reads comes a turn of the loop or more later.
  await new Promise((resolve) => setImmediate(resolve));
  input.setEncoding('utf8');
  const typed = await new Promise((resolve) => {
    input.once('readable', () => {
      resolve(input.read());
    });
  });
  t.is(typed, 'q\u0003');
});
