// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { runFlagRows } from './rows/run-flags.ts';

compareRows('flags of run', runFlagRows);
