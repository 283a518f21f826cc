// SPDX-License-Identifier: Apache-2.0
// Writes src/generated/ from proto/. Run it after a change of a .proto file:
//   node packages/cri-api/scripts/generate.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from './generated-files.ts';

const folder = join(import.meta.dirname, '../src/generated');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(generate())) writeFileSync(join(folder, name), text);
