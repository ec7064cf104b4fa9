/** As magazines count their issues. */
export const issue = (id: number) => `№ ${id}`;
