export const issueNumber = (id: number) => `№ ${id}`;
