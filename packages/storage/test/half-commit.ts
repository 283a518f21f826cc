// SPDX-License-Identifier: Apache-2.0
// Stops in the middle of putting a layer in place, holding the lock: GRAPHROOT RUNROOT ID.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layerFolder, makeLayerFolder, tarSplitPath } from '../src/layer-folder.ts';
import { incomplete, openLayerLedger } from '../src/layer-ledger.ts';
import { makePaths } from '../src/paths.ts';
import { emptyRecord, layerFormat } from '../src/record-json.ts';
import { openTempDir } from '../src/temp-dir.ts';

const [graphRoot = '', runRoot = '', id = ''] = process.argv.slice(2);
const paths = makePaths({ graphRoot, runRoot });
const temp = await openTempDir(paths.overlayTemp);
mkdirSync(join(temp.path, '0-addition'));
await openLayerLedger(paths).writing(undefined, async (layers) => {
  const record = layerFormat.decode({ id, created: '2026-01-01T00:00:00Z' }, 'new');
  await layers.save([
    ...layers.all,
    { ...record, ...emptyRecord(id, record.created), flags: { [incomplete]: true } },
  ]);
  makeLayerFolder(paths, { id, parent: undefined });
  writeFileSync(join(layerFolder(paths, id), 'diff/file'), 'x');
  writeFileSync(tarSplitPath(paths, id), '');
  process.stdout.write('half\n');
  await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
});
