// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { rareFlagRows } from './rows/rare-flags.ts';

compareRows('rare flags of run', rareFlagRows);
