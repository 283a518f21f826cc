// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { containerImageRows } from './rows/container-images.ts';

compareRows('commit, export and import', containerImageRows);
