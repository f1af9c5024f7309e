// Who may import whom (agent/DESIGN.md, "Layers"). Each rule says why it exists.
const layers = ['control', 'vault', 'replication'];
const leaves = ['audit', 'members', 'namespace', 'chunks', 'journal', 'validity', 'history'];

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid(
      'no-cycles',
      'A cycle has no first room to read.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'protocol-is-below-all',
      'protocol/ is what both ends agree on; it knows neither end.',
      { path: '^protocol/' },
      { path: '^(agent|fuse|cli|tui|demo|test|bench)/' },
    ),
    forbid(
      'protocol-is-pure',
      'No socket, clock or file in protocol/.',
      { path: '^protocol/' },
      {
        path: '^(fs|net|dgram|os|child_process|worker_threads|http|timers)(/|$)',
        dependencyTypes: ['core'],
      },
    ),
    forbid(
      'clients-see-only-protocol',
      'cli/, tui/ and fuse/ speak to the agent through the protocol or a port they are given.',
      { path: '^(cli|tui|fuse)/' },
      { path: '^agent/' },
    ),
    forbid(
      'clients-are-strangers',
      'cli/, tui/ and fuse/ do not know each other.',
      { path: '^(cli|tui|fuse)/' },
      { path: '^(cli|tui|fuse)/', pathNot: '^$1/' },
    ),
    forbid(
      'only-assemble-mounts',
      'Only the composition root hands a vault to the file system.',
      { path: '^agent/', pathNot: '^agent/(assemble|mount)' },
      { path: '^fuse/' },
    ),
    forbid(
      'operations-know-no-kernel',
      'What a folder means is tested without a kernel: operations/ sees no session, transport or mount.',
      { path: '^fuse/operations/' },
      { path: '^fuse/(session|transport|mount)/' },
    ),
    forbid(
      'codecs-are-pure',
      'The protocol of the kernel is bytes in and values out: it is fuzzed without a mount.',
      { path: '^fuse/protocol/' },
      { path: '^fuse/(operations|session|transport|mount)/' },
    ),
    forbid(
      'mount-is-beside-control',
      'The mount and the control socket both stand on the vault; neither knows the other.',
      { path: '^agent/(mount|control)/' },
      { path: '^agent/(mount|control)/', pathNot: '^agent/$1/' },
    ),
    forbid(
      'nothing-imports-tests',
      'Tests see everything; nothing sees tests.',
      { path: '^(protocol|agent|cli|fuse|tui|demo)/' },
      { path: '^(test|bench)/' },
    ),
    forbid(
      'store-and-peer-are-strangers',
      'Bytes from a peer reach the store only through replication, where they are checked.',
      { path: '^agent/store/' },
      { path: '^agent/(peer|replication|vault|control)/' },
    ),
    forbid(
      'peer-knows-no-store',
      'Bytes from a peer reach the store only through replication, where they are checked.',
      { path: '^agent/peer/' },
      { path: '^agent/(store|replication|vault|control)/' },
    ),
    ...layers.map((layer, height) =>
      forbid(
        `below-${layer}`,
        `News travels upward as events and return values: nothing below ${layer}/ imports it.`,
        {
          path: `^agent/(${[...layers.slice(height + 1), 'store', 'peer', ...leaves].join('|')})/`,
        },
        { path: `^agent/${layer}/` },
      ),
    ),
    forbid(
      'leaves-are-pure',
      'members, namespace, chunks, journal and validity are functions of their arguments; history gets its index and the journals handed in.',
      { path: `^agent/(${leaves.join('|')})/` },
      { path: `^agent/(store|peer|replication|vault|control|host)/` },
    ),
    forbid(
      'host-only-from-above',
      'The real world is handed in by the entry points.',
      { path: '^agent/', pathNot: '^agent/(host/|main|vaultd/)' },
      { path: '^agent/host/' },
    ),
    forbid(
      'generated-behind-messages',
      'Wire types are not domain types: only protocol/messages converts.',
      { path: '.', pathNot: '^(protocol/messages/|protocol/proto/|protocol/rpc/|test/)' },
      { path: '^protocol/proto/' },
    ),
    forbid(
      'noise-behind-one-adapter',
      'One adapter holds the Noise package.',
      { path: '.', pathNot: '^(protocol/noise/|test/)' },
      { path: 'node_modules/noise-protocol' },
    ),
    forbid(
      'ink-behind-the-screen',
      'Views are functions from the state to text: only app.tsx and full-screen.tsx know who draws them.',
      { path: '.', pathNot: '^(tui/(app|full-screen)[.]tsx$|test/)' },
      { path: 'node_modules/(ink|react)/' },
    ),
    forbid(
      'blessed-behind-one-adapter',
      'One adapter draws its charts off the screen; it must never get the terminal.',
      { path: '.', pathNot: '^(tui/widgets/contrib-chart[.]ts$|test/)' },
      { path: 'node_modules/blessed' },
    ),
    forbid(
      'views-know-no-frame',
      'What stands around the views knows them; the other way round would be a cycle.',
      { path: '^tui/views/', pathNot: '^tui/views/all[.]ts$' },
      {
        path: '^tui/(screen/(chrome|dialogs|compose)|keymap/(action-list|dispatcher)|state/reducer)',
      },
    ),
    forbid(
      'level-behind-one-adapter',
      'One adapter holds LevelDB.',
      { path: '.', pathNot: '^(agent/host/|test/|bench/)' },
      { path: 'node_modules/(level|classic-level)' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|bench/node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
