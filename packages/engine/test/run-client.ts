// SPDX-License-Identifier: Apache-2.0
/** A client that waits for a container in the foreground, to be killed: `run-client.ts ROOT MARK`. */
import { join } from 'node:path';
import { createRuncRuntime } from '@lading/runtime-runc';
import { openStore } from '@lading/storage';
import { createEngine } from '../src/index.ts';

const [root = '', mark = ''] = process.argv.slice(2);
const engine = await createEngine({
  store: await openStore({ graphRoot: join(root, 'graph'), runRoot: join(root, 'run') }),
  runtimes: {
    runc: createRuncRuntime({ root: join(root, 'run/runtime'), exitDir: join(root, 'run/exits') }),
  },
  cgroupParent: `/${root.slice(root.lastIndexOf('/') + 1)}`,
  exitCommand: ['/bin/sh', '-c', 'echo {id} > "$0"', mark],
});
await engine.containers.run({ image: 'busybox', command: ['sleep', '600'], network: 'none' });
