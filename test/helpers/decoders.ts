/**
 * Every decoder of bytes that come from outside (the wire, the control socket, the kernel, a disk that
 * somebody else may have written), under one shape: bytes in, and either a value, nothing, or one of our
 * errors. What this device has sealed for itself is not from outside. Codecs of control messages are found
 * by themselves, so that a new one cannot be forgotten.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MiB } from '../../protocol/limits.ts';
import { readEntry } from '../../agent/audit/entry.ts';
import { decodePage } from '../../agent/chunks/manifest.ts';
import { readTomlItems } from '../../agent/config/toml-file.ts';
import { makeForkProof, readForkProof } from '../../agent/journal/fork-proof.ts';
import { createVault } from '../../agent/members/genesis.ts';
import { deviceOfKeyBackup } from '../../agent/members/key-backup.ts';
import { verifyStatement } from '../../agent/members/signed-statement.ts';
import { decodeBatchBody as decodeBatchRecord } from '../../agent/store/batch-record.ts';
import { decodeFileHeader } from '../../agent/store/file-header.ts';
import { decodeFooterBody, decodeTrailer } from '../../agent/store/footer.ts';
import { decodeRecordHeader } from '../../agent/store/record.ts';
import { parseMountTable } from '../../protocol/text/mount-table.ts';
import { parseHeader, parseRequest } from '../../fuse/protocol/request.ts';
import { FrameDecoder } from '../../protocol/frame.ts';
import { journalId, parseId } from '../../protocol/ids.ts';
import { readAddressRecord } from '../../protocol/messages/address-record.ts';
import * as batchWire from '../../protocol/messages/batch-wire.ts';
import * as call from '../../protocol/messages/call.ts';
import { reportFromPieces } from '../../protocol/messages/control-report.ts';
import { decodeForkProof } from '../../protocol/messages/fork-proof.ts';
import { decodeHandshakePayload } from '../../protocol/messages/handshake-payload.ts';
import * as peer from '../../protocol/messages/peer.ts';
import { readStatePage } from '../../protocol/messages/state-page.ts';
import { decodeSignedStatement, decodeStatement } from '../../protocol/messages/statement-wire.ts';
import { parseTicket } from '../../protocol/messages/ticket.ts';
import { decodePreface } from '../../protocol/preface.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { JournalAuthor } from './journal-author.ts';
import { exampleOps } from './op-examples.ts';
import { projectRoot } from './project-files.ts';
import { seededRandom } from './seeded-random.ts';

export interface Decoder {
  readonly name: string;
  /** Well-formed inputs to start from, beside invented ones. */
  readonly seeds: readonly Buffer[];
  /** Bytes of memory for a byte of input, and beyond that, where they may be more than `fuzz.ts` says. */
  readonly allocationFactor?: number;
  readonly allocationBytesMax?: number;
  run(bytes: Buffer): unknown;
}

export async function allDecoders(): Promise<readonly Decoder[]> {
  return [...(await controlCodecs()), ...messages(), ...files(), ...others()];
}

/** Every export with a `fromWire` in protocol/messages. */
async function controlCodecs(): Promise<readonly Decoder[]> {
  const folder = join(projectRoot, 'protocol/messages');
  const names = readdirSync(folder).filter((name) => /^control.*\.ts$/.test(name));
  const found: Decoder[] = [];
  for (const file of names.sort()) {
    const module = (await import(join(folder, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'object' || value === null || !('fromWire' in value)) continue;
      const { fromWire } = value as { fromWire(bytes: Buffer): unknown };
      found.push({ name: `control.${name}`, seeds: [], run: (bytes) => fromWire(bytes) });
    }
  }
  return found;
}

/** Two batches of one author that stand behind the same one. */
function forkProofs(): readonly Buffer[] {
  const [one, other] = [new JournalAuthor(1), new JournalAuthor(1)];
  const pair = [one.write(exampleOps.slice(0, 1)), other.write(exampleOps.slice(0, 2))] as const;
  const proof = makeForkProof(pair[0].bytes, pair[1].bytes);
  return proof === undefined ? [] : [proof];
}

function messages(): readonly Decoder[] {
  const batches = hexOf('batch-v1/batches.json');
  const statements = createVault(seededRandom('decoders'), { name: 'laptop' }).statements.map(
    (bytes) => Buffer.from(bytes),
  );
  const proofs = forkProofs();
  const bodies = statements.map((bytes) => bytes.subarray(3));
  const base = {
    journal: journalId(parseId('device', '11'.repeat(16)), parseId('incarnation', '44'.repeat(8))),
    sequence: 9,
    epoch: parseId('epoch', '22'.repeat(32)),
  };
  const vault = parseId('vault', '33'.repeat(32));
  const of = (name: string, run: (bytes: Buffer) => unknown, seeds: readonly Buffer[] = []) => ({
    name,
    run,
    seeds,
  });
  return [
    ...Object.entries(peer).flatMap(([name, value]) =>
      name.startsWith('decode') ? [of(`peer.${name}`, value as (bytes: Buffer) => unknown)] : [],
    ),
    ...Object.entries(call).flatMap(([name, value]) =>
      name.startsWith('decode') ? [of(`call.${name}`, value as (bytes: Buffer) => unknown)] : [],
    ),
    of('batch', batchWire.decodeBatch, batches),
    of('batch.header', batchWire.decodeBatchHeader, batches),
    {
      ...of('batch.body', (bytes) => batchWire.decodeBatchBody(bytes, base), batches),
      // An operation of forty bytes becomes an object with its ids as texts, on two levels, and even an
      // empty one is an object: what bounds it is that a batch has 1 MiB and 4,096 operations.
      allocationFactor: 32,
      allocationBytesMax: 1 * MiB,
    },
    of('statement.signed', decodeSignedStatement, statements),
    of('statement.verified', verifyStatement, statements),
    of('statement.body', decodeStatement, bodies),
    {
      ...of('state.page', (bytes) => [...readStatePage(bytes)], hexOf('state-v1/state.json')),
      // Like those of a body, its operations become objects, and its ids texts.
      allocationFactor: 32,
      allocationBytesMax: 1 * MiB,
    },
    of('forkProof', decodeForkProof, [...proofs, ...batches]),
    of('forkProof.read', readForkProof, [...proofs, ...batches]),
    of('addressRecord', (bytes) => readAddressRecord(vault, bytes, () => true)),
    of('handshakePayload', decodeHandshakePayload),
    // Its caller reads exactly so many bytes.
    of('preface', (bytes) => decodePreface(Buffer.concat([bytes, Buffer.alloc(64)], 64)), [
      Buffer.from(`505641554c540d0a0101${'00'.repeat(54)}`, 'hex'),
    ]),
    of('ticket', (bytes) => parseTicket(bytes.toString('latin1')), [Buffer.from('pv1aaaa')]),
    of(
      'frames',
      (bytes) => {
        const decoder = new FrameDecoder();
        decoder.push(Buffer.from(bytes));
        let count = 0;
        while (decoder.next() !== undefined) count += 1;
        return count;
      },
      [Buffer.from('070000000008aaaaaaaaaaaaaaaa', 'hex')],
    ),
    of('report', (bytes) => reportFromPieces([bytes], 'test'), [Buffer.from('{"a":[1,{"b":2}]}')]),
  ];
}

function files(): readonly Decoder[] {
  const header = Buffer.from(
    `${Buffer.from('PVSTORE\n').toString('hex')}01${'00'.repeat(55)}`,
    'hex',
  );
  const record = Buffer.from(`f15c9be301${'00'.repeat(43)}`, 'hex');
  return [
    { name: 'file.header', seeds: [header], run: (bytes) => decodeFileHeader('segment', bytes) },
    {
      name: 'file.record',
      seeds: [record],
      run: (bytes) => bytes.length >= 48 && decodeRecordHeader(bytes),
    },
    { name: 'file.batchRecord', seeds: [], run: decodeBatchRecord },
    { name: 'file.footer', seeds: [Buffer.alloc(400, 1)], run: decodeFooterBody },
    { name: 'file.trailer', seeds: [Buffer.from('PVFT000000000000')], run: decodeTrailer },
    { name: 'manifest.page', seeds: hexOf('manifest-v1/pages.json'), run: decodePage },
    {
      name: 'audit.entry',
      seeds: [Buffer.from(`{"sequence":1,"time":"t","hash":"${'a'.repeat(64)}"}`)],
      run: (bytes) => readEntry(bytes.toString('utf8')),
    },
    {
      name: 'keys.backup',
      seeds: [Buffer.from(`{"kind":"peervault-keys","format":1,"device":"${'ab'.repeat(16)}"}`)],
      run: (bytes) => deviceOfKeyBackup(bytes, 'file'),
    },
    {
      name: 'config.toml',
      seeds: [Buffer.from('name = "laptop"\nlisten = ":7420"\n[store]\nballast-bytes = 0\n')],
      run: (bytes) =>
        readTomlItems(bytes.toString('utf8'), {
          path: 'config.toml',
          hasSettingsBelow: () => true,
        }),
    },
  ];
}

function others(): readonly Decoder[] {
  return [
    {
      name: 'fuse.request',
      seeds: Array.from({ length: 50 }, (_, opcode) => {
        const bytes = Buffer.alloc(120);
        bytes.writeUInt32LE(bytes.length, 0);
        bytes.writeUInt32LE(opcode, 4);
        return bytes;
      }),
      run(bytes) {
        if (bytes.length >= 4) bytes.writeUInt32LE(bytes.length, 0);
        const header = parseHeader(bytes);
        return header === undefined ? undefined : parseRequest(header, bytes);
      },
    },
    {
      name: 'text.mountTable',
      // Two bytes a letter, in lines and in their words.
      allocationFactor: 8,
      seeds: [Buffer.from('36 35 98:0 / /mnt rw,noatime - ext3 /dev/root rw\n')],
      run: (bytes) => parseMountTable(bytes.toString('utf8')),
    },
    {
      name: 'text.escape',
      // Four letters and more for a byte.
      allocationFactor: 24,
      seeds: [Buffer.from('\u202e\u001b]52;c;x')],
      run: (b) => escapeText(b.toString()),
    },
  ];
}

/** Every long text of hex digits in a file of vectors. */
function hexOf(file: string): Buffer[] {
  const text = readFileSync(join(projectRoot, 'test/vectors', file), 'utf8');
  return [...text.matchAll(/"((?:[0-9a-f]{2}){40,20000})"/g)].map(([, hex = '']) =>
    Buffer.from(hex, 'hex'),
  );
}
