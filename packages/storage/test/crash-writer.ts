// SPDX-License-Identifier: Apache-2.0
// Does one thing to a store while operations are counted: GRAPHROOT RUNROOT WHAT TAR [IMAGESTORE].
import { channel } from 'node:diagnostics_channel';
import { createReadStream, readFileSync } from 'node:fs';
import { openStore } from '../src/index.ts';
import { crashActions } from './crash-actions.ts';

const [graphRoot = '', runRoot = '', what = '', tar = '', imageStore] = process.argv.slice(2);
const action = crashActions[what];
if (action === undefined) throw new Error(`no action ${what}`);
const store = await openStore({ graphRoot, runRoot, imageStore, idMappedMounts: false });
const counting = channel('lading:counting');
readFileSync(tar);
counting.publish(true);
await action(store, () => createReadStream(tar));
counting.publish(false);
