package seal

// maxKeyFileBytes is what a key file may hold; more is not a key file.
const maxKeyFileBytes = 2*KeyBytes + 1
