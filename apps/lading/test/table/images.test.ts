// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { imageLayerRows } from './rows/image-layers.ts';
import { imageListRows } from './rows/image-lists.ts';
import { imageNameRows } from './rows/image-names.ts';

compareRows('images', [...imageListRows, ...imageNameRows, ...imageLayerRows]);
