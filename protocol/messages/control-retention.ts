/** What is kept of the past, what is forgotten, and what is collected: the requests of those calls. */
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape } from './control-entry.ts';

const generated = peervault.control;
const ruleBytesMax = 256;

export interface RetentionSetRequest {
  readonly path: Buffer;
  /** As `protocol/text/retention-rule.ts` writes it; empty: no rule of its own. */
  readonly rule: string;
}

export interface ForgetRequest {
  readonly path: Buffer;
  /** Only says what would go. */
  readonly dryRun: boolean;
}

export interface CollectRequest {
  readonly dryRun: boolean;
}

export interface FoldRequest {
  /** Only says what could go. */
  readonly dryRun: boolean;
}

export const retentionSetRequest: Codec<RetentionSetRequest> = codec(
  'control.retentionSetRequest',
  { 1: attributeShape.path, 2: { bytesMax: ruleBytesMax, text: true } },
  generated.RetentionSetRequest,
  {
    toWire: (value) => value,
    fromWire: ({ path, rule }) => ({ path: bufferFromWire(path), rule }),
  },
);

export const forgetRequest: Codec<ForgetRequest> = codec(
  'control.forgetRequest',
  { 1: attributeShape.path, 2: {} },
  generated.ForgetRequest,
  {
    toWire: (value) => value,
    fromWire: ({ path, dryRun }) => ({ path: bufferFromWire(path), dryRun }),
  },
);

export const collectRequest: Codec<CollectRequest> = codec(
  'control.collectRequest',
  { 1: {} },
  generated.CollectRequest,
  { toWire: (value) => value, fromWire: ({ dryRun }) => ({ dryRun }) },
);

export const foldRequest: Codec<FoldRequest> = codec(
  'control.foldRequest',
  { 1: {} },
  generated.FoldRequest,
  { toWire: (value) => value, fromWire: ({ dryRun }) => ({ dryRun }) },
);
