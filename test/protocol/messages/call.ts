import test from 'ava';
import fc from 'fast-check';
import { errorCodes, isVaultError, VaultError, type ErrorCode } from '../../../protocol/errors.ts';
import { FrameDecoder, encodeFrameHeader } from '../../../protocol/frame.ts';
import { rpc, wire } from '../../../protocol/limits.ts';
import {
  cutText,
  decodeCallHeader,
  decodeFailure,
  decodeGoodbye,
  encodeCallHeader,
  encodeFailure,
  encodeGoodbye,
} from '../../../protocol/messages/call.ts';
import { peervault } from '../../../protocol/proto/peer.js';
import { goodbyeReasons, type GoodbyeReason } from '../../../protocol/rpc/rpc.ts';

test('a call header survives, and the largest one fits a frame', (t) => {
  const header = {
    method: 2 ** 32 - 1,
    deadlineMs: 2 ** 32 - 1,
    request: Buffer.alloc(rpc.messageBytesMax, 1),
  };
  const bytes = encodeCallHeader(header);
  t.true(bytes.length <= wire.frameBodyBytesMax);
  t.deepEqual(decodeCallHeader(bytes), header);
});

test('a failure of each code survives', (t) => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    t.is(decodeFailure(encodeFailure(new VaultError(code, { op: 'x.y' }))).code, code);
  }
});

test('a code that is not known is internal', (t) => {
  const bytes = Buffer.from(peervault.peer.Failure.encode({ code: 9999, op: 'x' }).finish());
  t.is(decodeFailure(bytes).code, 'internal');
});

test('long texts are cut so that the failure fits its frame and stays readable', (t) => {
  const long = 'é'.repeat(5000);
  const error = new VaultError('io', { op: long, subject: long, detail: long, next: long });
  const bytes = encodeFailure(error);
  const decoder = new FrameDecoder();
  decoder.push(Buffer.concat([encodeFrameHeader('reset', 1, bytes.length), bytes]));
  const read = decodeFailure(decoder.next()!.body);
  t.is(read.subject, 'é'.repeat(rpc.failureTextBytesMax / 2));
});

test('property: a text is cut at a character and never longer than allowed', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, bytesMax) => {
      const cut = cutText(text, bytesMax);
      t.true(Buffer.byteLength(cut) <= bytesMax);
      t.true(text.toWellFormed().startsWith(cut));
    }),
  );
});

test('a goodbye of each reason survives; one of a newer version has no reason', (t) => {
  for (const reason of Object.keys(goodbyeReasons) as GoodbyeReason[]) {
    t.deepEqual(decodeGoodbye(encodeGoodbye(reason, 'why')), { reason, detail: 'why' });
  }
  const newer = Buffer.from(peervault.peer.Goodbye.encode({ reason: 99 }).finish());
  t.deepEqual(decodeGoodbye(newer), { reason: undefined, detail: '' });
});

test('a goodbye with the longest detail fits its frame', (t) => {
  const bytes = encodeGoodbye('overload', 'x'.repeat(10_000));
  const decoder = new FrameDecoder();
  decoder.push(Buffer.concat([encodeFrameHeader('goodbye', 0, bytes.length), bytes]));
  t.is(decodeGoodbye(decoder.next()!.body).detail.length, rpc.goodbyeTextBytesMax);
});

test('property: 10,000 arrays of noise are read or malformed', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
      for (const decode of [decodeCallHeader, decodeFailure, decodeGoodbye]) {
        try {
          decode(Buffer.from(noise));
        } catch (error) {
          if (!isVaultError(error, 'malformed')) throw error;
        }
      }
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});
