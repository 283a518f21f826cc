// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { imageFilterRows, relatedImages } from './rows/image-filters.ts';

compareRows('fields and filters of images', imageFilterRows, { before: relatedImages });
