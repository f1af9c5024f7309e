/** The composition root (see `assemble/`): the only part of the agent that knows all the others. */
export { initVault } from './assemble/init-vault.ts';
export { joinVault } from './assemble/join-vault.ts';
export { startAgent } from './assemble/start-agent.ts';
