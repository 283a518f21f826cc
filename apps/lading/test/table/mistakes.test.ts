// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { mistakeRows } from './rows/mistakes.ts';

compareRows('mistakes', mistakeRows, { parallel: true });
