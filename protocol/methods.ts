/**
 * The calls of the control socket: number and name of each. The messages are those of
 * control.proto through `messages/control.ts`. Numbers are fixed and only ever added.
 */
export const controlMethods = {
  status: 1,
  list: 2,
  stat: 3,
  put: 4,
  get: 5,
  makeDirectory: 6,
  remove: 7,
  move: 8,
  copy: 9,
  diskFree: 10,
  invite: 11,
  members: 12,
  peers: 13,
  peerAdd: 14,
  peerRemove: 15,
  transfers: 16,
  events: 17,
  doctor: 18,
  config: 19,
  shutdown: 20,
  log: 21,
  restore: 22,
  undelete: 23,
  trash: 24,
  conflicts: 30,
  resolve: 31,
  moment: 40,
  snapshots: 41,
  snapshotTake: 42,
  snapshotDrop: 43,
  compare: 44,
  restoreAt: 45,
  diskUsage: 46,
  why: 47,
  retention: 48,
  retentionSet: 49,
  forget: 50,
  collect: 51,
  mount: 90,
  unmount: 91,
  journals: 60,
  journalChoose: 61,
  unlock: 120,
  lock: 121,
  passphrase: 122,
  keysBackup: 123,
  revoke: 100,
  role: 101,
  keys: 102,
  keysRotate: 103,
  approvals: 104,
  approve: 105,
  recoverCheck: 106,
  recoverRestore: 107,
  audit: 124,
  auditVerify: 125,
} as const;

export type ControlMethod = keyof typeof controlMethods;

/** The calls between agents. */
export const peerMethods = {
  subscribe: 1,
  have: 2,
  fetch: 3,
  join: 4,
} as const;

export type PeerMethod = keyof typeof peerMethods;
