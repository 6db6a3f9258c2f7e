// Plain old JavaScript on purpose: it must run, and be understood, on a Node that cannot run the rest.
if (process.versions.node.localeCompare('24.2.0', undefined, { numeric: true }) < 0) {
  console.error(
    'Callwire needs Node 24, and this is ' +
      process.version +
      '.\n' +
      'npm ci installs one for Linux and Windows beside the project (the node-* optional dependencies),\n' +
      'which npm and npx then use. If they were left out (npm ci --omit=optional, or macOS), install\n' +
      'Node 24 and run this again.',
  );
  // Of `EXIT` in exit-status.ts: what was asked cannot be done.
  process.exit(2);
}
