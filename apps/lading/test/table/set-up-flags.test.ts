// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { setUpFlagRows } from './rows/set-up-flags.ts';

compareRows('what a container is set up for', setUpFlagRows);
