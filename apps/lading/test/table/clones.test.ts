// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { cloneRows } from './rows/clones.ts';

compareRows('clones', cloneRows);
