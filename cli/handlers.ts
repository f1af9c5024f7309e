/** Where each command is done. Only the one that runs is loaded. */
import type { CommandName } from './definitions/all.ts';
import type { Handler } from './invocation.ts';

const loaders: Readonly<Record<CommandName, () => Promise<Handler>>> = {
  put: async () => (await import('./commands/put.ts')).put,
  get: async () => (await import('./commands/get.ts')).get,
  cat: async () => (await import('./commands/cat.ts')).cat,
  ls: async () => (await import('./commands/ls.ts')).ls,
  tree: async () => (await import('./commands/tree.ts')).tree,
  stat: async () => (await import('./commands/stat.ts')).stat,
  rm: async () => (await import('./commands/change.ts')).rm,
  mv: async () => (await import('./commands/change.ts')).mv,
  cp: async () => (await import('./commands/change.ts')).cp,
  mkdir: async () => (await import('./commands/change.ts')).mkdir,
  df: async () => (await import('./commands/df.ts')).df,
  invite: async () => (await import('./commands/invite.ts')).invite,
  members: async () => (await import('./commands/members.ts')).members,
  peers: async () => (await import('./commands/peers.ts')).peersList,
  'peers list': async () => (await import('./commands/peers.ts')).peersList,
  'peers add': async () => (await import('./commands/peers.ts')).peersAdd,
  'peers rm': async () => (await import('./commands/peers.ts')).peersRemove,
  transfers: async () => (await import('./commands/transfers.ts')).transfers,
  status: async () => (await import('./commands/status.ts')).status,
  events: async () => (await import('./commands/events.ts')).events,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  config: async () => (await import('./commands/config.ts')).configShow,
  'config show': async () => (await import('./commands/config.ts')).configShow,
  'config explain': async () => (await import('./commands/config.ts')).configExplain,
  completion: async () => (await import('./commands/completion.ts')).completion,
};

export function loadHandler(name: CommandName): Promise<Handler> {
  return loaders[name]();
}
