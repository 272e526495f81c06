"""The desk: the pages of editors, approvers and operators."""
