// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { listedVolumes, volumeListRows } from './rows/volume-lists.ts';

compareRows('fields and filters of volumes', volumeListRows, { before: listedVolumes });
