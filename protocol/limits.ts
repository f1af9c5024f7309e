/**
 * Every bound of the system, with its unit last. What comes from outside is compared with one of
 * these before anything is allocated for it. The relations between them are asserted at the end:
 * a change that breaks one does not start.
 */
import { assert } from './assert.ts';

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;
const secondMs = 1000;
const minuteMs = 60 * secondMs;

/** Records and frames of the wire (SPEC.md, "Records", "Frames"). */
export const wire = {
  noiseMessageBytesMax: 65_535,
  noiseTagBytes: 16,
  frameBodyBytesMax: 65_000,
  /** type 1, stream at most 5, length 4. */
  frameHeaderBytesMax: 10,
  prefaceBytes: 64,
  handshakeMessageBytesMax: 2 * KiB,
  rekeyRecords: 2 ** 16,
  connectionLifeMs: 60 * minuteMs,
} as const;

/** Calls and their flow control. Credit counts the bytes of MESSAGE and DATA frames. */
export const rpc = {
  streamsPerConnectionMax: 256,
  messageBytesMax: 64_000,
  streamCreditBytesInitial: 256 * KiB,
  streamCreditBytesMax: 4 * MiB,
  connectionCreditBytesMax: 16 * MiB,
  processCreditBytesMax: 64 * MiB,
  controlQueueBytesMax: 256 * KiB,
  /** Of the requests of all calls of the other side that are open: no credit covers them. */
  openRequestBytesMax: 384 * KiB,
  /** What another device sent on its own calls and nobody took: its calls have nothing large to say. */
  peerQueueBytesMax: 1 * MiB,
  /** What a frame costs beyond its body, so that empty ones are not free to queue. */
  frameCostBytes: 64,
  /** Each text of a failure; longer ones are cut. */
  failureTextBytesMax: 1 * KiB,
  goodbyeTextBytesMax: 256,
} as const;

/** Work that one device may make another do; `protocol/rpc/flood-guard.ts`. */
export const flood = {
  /** In small frames. */
  workPerSecond: 100_000,
  /** What opening a call counts for. */
  workPerCall: 20,
  /** Frames of bodies from here on cost nothing beside their credit. */
  largeFrameBytes: 4 * KiB,
  /** Slowed down for so long, somebody hears of it; and for so long, it is thrown out. */
  notableMs: 1 * secondMs,
  slowedMsMax: 10 * secondMs,
  /** Connections that one device may begin: as many at once, and one more each time that passes. */
  connectsAtOnceMax: 30,
  connectEveryMs: 2 * secondMs,
} as const;

export const time = {
  firstByteMs: 3 * secondMs,
  /** A busy loop closes a little later: after 10 s nothing half-open is left. */
  handshakeMs: 8 * secondMs,
  /** From the handshake of somebody with a ticket to the end of their connection. */
  guestMs: 2 * minuteMs,
  pingIdleMs: 15 * secondMs,
  peerDeadMs: 45 * secondMs,
  callMs: 30 * secondMs,
  reconnectMinMs: 500,
  reconnectMaxMs: 60 * secondMs,
  beaconMs: 30 * secondMs,
  goodbyeMs: 2 * secondMs,
  shutdownMs: 10 * secondMs,
} as const;

/** How long a program waits in the mount at most (agent/DESIGN.md, "Mount"). */
export const mount = {
  /** For what only looks: reading may take a few calls to other devices, one after the other. */
  lookTimeoutMs: 90 * secondMs,
  /** For a change and its sync, which wait for this device's disk. */
  changeTimeoutMs: 10 * minuteMs,
  lookEveryMs: 1 * secondMs,
} as const;

export const connections = {
  halfOpenMax: 256,
  halfOpenPerAddressMax: 16,
  controlClientsMax: 64,
  peersMax: 64,
  guestsMax: 16,
  guestsPerTicketMax: 4,
  /** Calls that one guest may have open; a join takes one. */
  guestCallsMax: 4,
} as const;

/** Content (SPEC.md, "Chunks"). */
export const chunk = {
  plainBytesMin: 64 * KiB,
  plainBytesAverage: 256 * KiB,
  plainBytesMax: 1 * MiB,
  segmentPlainBytes: 64 * KiB,
  segmentTagBytes: 16,
  /** 1 MiB of plain text, the padding of its worst case, and a tag a segment. */
  sealedBytesMax: 1 * MiB + 64 * KiB,
  smallContentBytesMax: 4 * KiB,
  smallRecordBytesMax: 8 * KiB,
} as const;

export const manifest = {
  pageBytesMax: 512 * KiB,
  entriesPerPageMax: 4096,
  depthMax: 4,
} as const;

export const journal = {
  batchBytesMax: 1 * MiB,
  /** Target for ops in one batch; one op may exceed it. */
  batchOpsBytes: 64 * KiB,
  opsPerBatchMax: 4096,
  idsPerBatchMax: 16_384,
  membershipHeadsMax: 64,
  seenMax: 1024,
  refsPerOpMax: 64,
  /** Two headers with their signatures; a fork whose headers are larger shows by its batches. */
  forkProofBytesMax: 56_000,
  /** Beyond so many proofs of one device, or branches of one journal, nothing more of them is taken in. */
  forkProofsPerDeviceMax: 64,
  forkProofsPerMessageMax: 1024,
  branchesPerJournalMax: 16,
  /** Ranges that one batch issues again. */
  reissuesPerBatchMax: 256,
  /** Of the small records that travel with one batch. */
  smallBytesPerBatchMax: 2 * MiB,
  acknowledgesPerBatchMax: 256,
} as const;

/** Pages of the state that stands for folded batches (SPEC.md, "State pages"). */
export const state = {
  pageBytesMax: 1 * MiB,
  /** An item that holds more than one thing is not larger than this. */
  itemBytes: 32 * KiB,
  itemsPerPageMax: 65_536,
  /** Of one kind in one item: an attribute of 4096 names comes from one operation. */
  listMax: 16_384,
  /** Of one state: more than a thousand million files. */
  pagesMax: 262_144,
} as const;

export const members = {
  /** Fits into one message. */
  statementBytesMax: 60_000,
  /** Pages of the state that one checkpoint names: half a statement. */
  foldPagesMax: 833,
  certificateBytesMax: 512,
  devicesMax: 256,
  ticketBytesMax: 4 * KiB,
  addressesPerDeviceMax: 16,
  addressBytesMax: 255,
  labelBytesMax: 64,
  /** Statements that one log keeps, and that it holds back until what they name arrives. */
  statementsMax: 8192,
  statementsHeldMax: 512,
  statementsHeldBytesMax: 256 * KiB,
  /** Of other issuers, named by one statement. */
  statementHeadsMax: 64,
  sealedKeyBytesMax: 256,
  sealedLabelBytesMax: 128,
  epochParentsMax: 16,
  epochsPerGrantMax: 16,
  incarnationsPerDeviceMax: 256,
  positionsPerStatementMax: 512,
  releasedChunksMax: 1024,
  releasesMax: 4_096,
  ticketHeadsMax: 16,
  ticketPositionsMax: 32,
  /** Open, used and expired ones that an issuer remembers. */
  ticketsKeptMax: 256,
} as const;

/** Private keys in files (local: no other device sees them). */
export const keysAtRest = {
  passphraseBytesMax: 1 * KiB,
  /** What a file may ask scrypt for: 1 GiB, four times over. */
  stretchLogNMax: 20,
  stretchPMax: 4,
  identityBytesMax: 4 * KiB,
  /** A backup holds the membership log too. */
  backupBytesMax: 8 * MiB,
} as const;

/** The log of what was done here (local: no other device sees it). */
export const audit = {
  fileBytesMax: 1 * MiB,
  filesMax: 16,
  entryBytesMax: 2 * KiB,
  /** Entries that wait for a disk that takes nothing. */
  waitingMax: 1024,
} as const;

export const names = {
  nameBytesMax: 255,
  pathBytesMax: 32 * KiB,
  depthMax: 1024,
  targetBytesMax: 4095,
  xattrNameBytesMax: 255,
  xattrValueBytesMax: 64 * KiB,
} as const;

/** Messages between devices. */
export const notes = {
  textBytesMax: 2 * KiB,
  /** The latest of each device; what is older is not shown any more. */
  keptPerDeviceMax: 256,
  /** New ones that wait for one client that follows. */
  followQueueMax: 1000,
} as const;

export const replication = {
  haveIdsMax: 1024,
  fetchIdsMax: 1024,
  /** In one subscription; what a device has beyond that is sent to it again. */
  positionsMax: 16_384,
  /** Journals of which the announcements of one device are kept. */
  holdingsJournalsMax: 16_384,
  /** They fit into one message together with the heads. */
  positionsPerMessageMax: 800,
  inFlightBytesPerPeerMin: 512 * KiB,
  inFlightBytesPerPeerMax: 8 * MiB,
  inFlightBytesMax: 32 * MiB,
  /** Batches whose author is not known yet, of all peers together; one always fits. */
  heldBatchesMax: 256,
  heldBatchesBytesMax: 1 * MiB,
} as const;

/** Bytes that are read, and opened, before whoever asked for them takes them. */
export const readAhead = {
  /** Of all clients and peers together, besides the one piece that each may always have. */
  processBytesMax: 128 * MiB,
  /** Of what is free, so much at most is held by one call that goes beyond its next piece. */
  callFraction: 1 / 4,
  /** Of one other device: two chunks of the largest size, or many small ones. */
  peerBytesMax: 2 * (1 * MiB + 64 * KiB),
  /** Pages of a list of chunks, and what else an open file costs. */
  openFileBytes: 512 * KiB,
  /** One chunk, sealed and open, of an open file: what a call needs to go on. */
  pieceBytesMax: 1 * MiB + (1 * MiB + 64 * KiB) + 512 * KiB,
} as const;

/** Small files of a tree that somebody gets are read many at once. */
export const getAhead = {
  entriesMax: 64,
  fileBytesMax: 64 * KiB,
} as const;

export const store = {
  segmentBytesMax: 256 * MiB,
  journalFileBytesMax: 256 * MiB,
  ballastBytes: 64 * MiB,
  /** What a disk moves at once; bulk files are padded to it (agent/ports.ts). */
  diskBlockBytes: 4 * KiB,
  /** Below this much free space writes are refused. */
  freeBytesMin: 32 * MiB,
} as const;

export const control = {
  socketPathBytesMax: 107,
  putOfferItemsMax: 256,
  /** Of one item in a group of bodies; larger ones come by themselves. */
  putGroupedBodyBytesMax: 1 * MiB,
  listPageEntriesMax: 256,
  /** Of a list of names only: so many are gathered in about a millisecond. */
  listPageNamesMax: 2048,
  /** A report travels as one or more messages; all of them together. */
  reportBytesMax: 16 * MiB,
  reportPieceBytesMax: 60_000,
  eventBytesMax: 60_000,
  eventsRecentMax: 100_000,
  watchedReportsMax: 64,
  fingerprintBytesMax: 64,
  bootIdBytes: 16,
  /** Of a file of the client that the agent reads or writes itself. */
  localPathBytesMax: 4096,
  versionTextBytesMax: 128,
  keyTextBytesMax: 128,
  /** 24 words of at most 8 letters, and room for a person's spacing. */
  recoveryTextBytesMax: 512,
  /** Cut-offs that one revocation may be told. */
  cutoffsMax: 256,
  /** Of a note, as typed; what is said may be shorter only. */
  saidBytesMax: 32 * KiB,
  /** Of a setting, as typed. */
  settingTextBytesMax: 16 * KiB,
  directoryBytesMax: 4096,
  /** Of the map of a file: more than any screen has. */
  pieceCellsMax: 65_536,
  /** Of one conflict; and as many may be settled by one put. */
  conflictVersionsMax: 32,
} as const;

assert(
  wire.frameBodyBytesMax + wire.frameHeaderBytesMax + wire.noiseTagBytes <=
    wire.noiseMessageBytesMax,
  'a frame fits into one record',
);
assert(rpc.messageBytesMax <= wire.frameBodyBytesMax, 'a message fits into one frame');
assert(rpc.streamCreditBytesInitial <= rpc.streamCreditBytesMax);
assert(rpc.streamCreditBytesMax <= rpc.connectionCreditBytesMax);
assert(rpc.openRequestBytesMax >= 6 * rpc.messageBytesMax);
assert(flood.notableMs < flood.slowedMsMax && flood.slowedMsMax < time.peerDeadMs);
assert(rpc.connectionCreditBytesMax <= rpc.processCreditBytesMax);
assert(
  chunk.plainBytesMax + chunk.plainBytesMax / 32 + 17 * chunk.segmentTagBytes <=
    chunk.sealedBytesMax,
  'a padded and sealed chunk stays within its bound',
);
assert(notes.textBytesMax <= control.saidBytesMax);
assert(names.pathBytesMax + notes.textBytesMax + KiB < rpc.messageBytesMax);
assert(control.reportPieceBytesMax < rpc.messageBytesMax);
assert(control.eventBytesMax < rpc.messageBytesMax);
assert(names.pathBytesMax + names.targetBytesMax + 8 * KiB < rpc.messageBytesMax);
assert(
  names.pathBytesMax + (control.conflictVersionsMax + 1) * (names.nameBytesMax + 640) <
    rpc.messageBytesMax,
  'a conflict fits into one message',
);
assert(state.pageBytesMax <= chunk.plainBytesMax, 'a page of the state is a chunk');
assert(journal.batchBytesMax <= state.pageBytesMax, 'an operation that fits a batch fits a page');
assert(manifest.pageBytesMax <= chunk.plainBytesMax, 'a manifest page is a chunk');
assert(replication.haveIdsMax * 32 <= rpc.messageBytesMax);
assert(replication.fetchIdsMax * 32 <= rpc.messageBytesMax);
assert(
  replication.positionsPerMessageMax * 73 + journal.membershipHeadsMax * 34 + 64 <=
    rpc.messageBytesMax,
  'a page of positions fits into one message',
);
assert(replication.positionsPerMessageMax <= journal.seenMax);
assert(replication.positionsMax <= replication.holdingsJournalsMax);
assert(journal.idsPerBatchMax * 36 + journal.batchOpsBytes <= journal.batchBytesMax);
assert(members.statementBytesMax + 256 <= rpc.messageBytesMax, 'a statement fits into one message');
assert(
  chunk.plainBytesMax + chunk.sealedBytesMax + readAhead.openFileBytes === readAhead.pieceBytesMax,
);
assert(
  // Of the streams that this side opened only the subscription may wait to be read.
  rpc.streamCreditBytesMax +
    rpc.peerQueueBytesMax +
    rpc.openRequestBytesMax +
    rpc.controlQueueBytesMax +
    readAhead.peerBytesMax +
    members.statementsHeldBytesMax <=
    8 * MiB,
  'what one device can make another keep that did not ask for it',
);
assert(readAhead.peerBytesMax >= 2 * chunk.sealedBytesMax, 'one is sent while the next is read');
assert(manifest.pageBytesMax <= readAhead.openFileBytes);
assert(
  readAhead.processBytesMax * readAhead.callFraction >= 8 * MiB,
  'a call that is alone reads several pieces ahead',
);
assert(
  readAhead.processBytesMax +
    (connections.controlClientsMax + connections.peersMax) * readAhead.pieceBytesMax <=
    512 * MiB,
  'everybody at once, and nobody reading, is bounded',
);
assert(time.pingIdleMs * 2 < time.peerDeadMs);
assert(time.guestMs > time.handshakeMs + time.callMs, 'a guest has time to join');
assert(mount.lookTimeoutMs > 2 * time.callMs, 'a list of chunks and a chunk can be fetched');
assert(connections.guestsPerTicketMax < connections.guestsMax, 'one ticket leaves room for others');
assert(
  connections.guestsMax * connections.guestCallsMax * rpc.streamCreditBytesInitial * 4 <=
    rpc.processCreditBytesMax,
  'guests leave most of the credit to members',
);
