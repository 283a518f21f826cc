// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { moreRunFlagRows } from './rows/more-run-flags.ts';

compareRows('more flags of run', moreRunFlagRows);
