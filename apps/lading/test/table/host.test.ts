// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { hostRows } from './rows/host.ts';

compareRows('the machine and the store', hostRows, { before: ['volume create plain'] });
