/*
 * SPDX-License-Identifier: ISC
 */
/* Linked with the libraries that homing loads late, for tools that read what a package needs. */
int main(void)
{
    return 0;
}
