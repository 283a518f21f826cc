// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { containerFileRows } from './rows/container-files.ts';
import { containerImageRows } from './rows/container-images.ts';

compareRows('files of containers', [...containerFileRows, ...containerImageRows]);
