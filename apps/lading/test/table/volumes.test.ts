// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { volumeRows } from './rows/volumes.ts';

compareRows('volumes', volumeRows);
