// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { containerFileRows } from './rows/container-files.ts';

compareRows('files of containers, layers of images', containerFileRows);
