// Sample traffic, started from the first page.
import { Type, type Static } from 'typebox';

export const Demo = Type.Object({ url: Type.String({ description: 'Where it is.' }) });
export type Demo = Static<typeof Demo>;
