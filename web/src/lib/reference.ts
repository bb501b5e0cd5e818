// Names of codes while shared/codes is not yet there.
export const codeName = (_code: number): string => '';
export const allCodes: number[] = [];
