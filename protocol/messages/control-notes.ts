/** Notes between devices: saying one, and those that were said. */
import { idToBytes, type DeviceId } from '../ids.ts';
import { control as limits, members, names, notes } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape } from './control-entry.ts';
import { optionalWireId, wireId } from './exact-bytes.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;

export interface SayRequest {
  readonly text: string;
  /** Name, id or its beginning; undefined: all readers. */
  readonly device?: string | undefined;
  /** What it is pinned to; not with a device. */
  readonly path?: Buffer | undefined;
}

export interface NotesRequest {
  /** Only what is pinned there and below. */
  readonly path?: Buffer | undefined;
  /** Go on with new ones until cancelled. */
  readonly follow: boolean;
}

export interface NoteRow {
  /** 32 hex digits. */
  readonly id: string;
  /** Unix time, by the author's clock. */
  readonly timeMs: number;
  readonly deviceId: DeviceId;
  /** The author's name. */
  readonly author: string;
  /** undefined: all readers. */
  readonly to: { readonly deviceId: DeviceId; readonly name: string } | undefined;
  readonly pinned: boolean;
  /** Where that is now; undefined when it is gone, or nothing is pinned. */
  readonly path: Buffer | undefined;
  readonly text: string;
}

/** As typed: a person may have typed too much, and is told so. */
const saidText = { bytesMax: limits.saidBytesMax, text: true } as const;
const deviceText = { bytesMax: limits.fingerprintBytesMax, text: true } as const;
const nameText = { bytesMax: members.labelBytesMax, text: true } as const;
const id = { bytesMax: 16 } as const;

export const sayRequest: Codec<SayRequest> = codec(
  'control.sayRequest',
  { 1: saidText, 2: deviceText, 3: attributeShape.path },
  generated.SayRequest,
  {
    toWire: ({ text, device, path }) => ({ text, device: device ?? '', path: path ?? null }),
    fromWire: ({ text, device, path }) => ({
      text,
      device: device === '' ? undefined : device,
      path: optionalPath(path),
    }),
  },
);

export const notesRequest: Codec<NotesRequest> = codec(
  'control.notesRequest',
  { 1: attributeShape.path, 2: {} },
  generated.NotesRequest,
  {
    toWire: ({ path, follow }) => ({ path: path ?? null, follow }),
    fromWire: ({ path, follow }) => ({ path: optionalPath(path), follow }),
  },
);

export const noteRow: Codec<NoteRow> = codec(
  'control.noteRow',
  {
    ...{ 1: id, 2: {}, 3: id, 4: nameText, 5: id, 6: nameText, 7: {} },
    ...{ 8: { bytesMax: names.pathBytesMax }, 9: { bytesMax: notes.textBytesMax, text: true } },
  },
  generated.NoteRow,
  {
    toWire: ({ to, deviceId, ...row }) => ({
      ...row,
      id: Buffer.from(row.id, 'hex'),
      device: idToBytes(deviceId),
      to: to === undefined ? null : idToBytes(to.deviceId),
      toName: to?.name ?? '',
      path: row.path ?? null,
    }),
    fromWire: (message, op) => {
      const to = optionalWireId('device', message.to);
      return {
        id: wireId('node', message.id),
        timeMs: countFromWire(message.timeMs, op),
        deviceId: wireId('device', message.device),
        author: message.author,
        to: to === undefined ? undefined : { deviceId: to, name: message.toName },
        pinned: message.pinned,
        path: optionalPath(message.path),
        text: message.text,
      };
    },
  },
);

function optionalPath(path: Uint8Array | null | undefined): Buffer | undefined {
  return path === null || path === undefined ? undefined : bufferFromWire(path);
}
