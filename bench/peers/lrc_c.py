"""lrc's C API on PyTorch tensors, through ctypes."""

import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_int32, c_int64, c_size_t, c_uint8, c_uint16, c_uint64, c_void_p

import torch


class DLTensor(Structure):
    _fields_ = [("data", c_void_p), ("device_type", c_int32), ("device_id", c_int32), ("ndim", c_int32),
                ("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16), ("shape", POINTER(c_int64)),
                ("strides", POINTER(c_int64)), ("byte_offset", c_uint64)]


class Argument(Structure):
    _fields_ = [("name", c_char_p), ("tensor", POINTER(DLTensor))]


# DLPack's code and bits of an element type.
TYPES = {torch.float32: (2, 32), torch.float64: (2, 64), torch.float16: (2, 16), torch.bfloat16: (4, 16),
         torch.complex64: (5, 64), torch.complex128: (5, 128), torch.int32: (0, 32), torch.int64: (0, 64)}


def describe(tensor):
    code, bits = TYPES[tensor.dtype]
    rank = tensor.dim()
    result = DLTensor(tensor.data_ptr(), 2 if tensor.is_cuda else 1, tensor.device.index or 0, rank, code, bits, 1,
                      (c_int64 * rank)(*tensor.shape), (c_int64 * rank)(*tensor.stride()), 0)
    return result


class Arguments:
    """A C array of named tensors, which are kept alive."""

    def __init__(self, tensors):
        self.described = [describe(tensor) for tensor in tensors.values()]
        self.tensors = list(tensors.values())
        self.count = len(tensors)
        self.array = (Argument * max(self.count, 1))(*[
            Argument(name.encode(), ctypes.pointer(described)) for name, described in zip(tensors, self.described)])


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.lrc_error_text.restype = c_char_p
        self.c.lrc_options_create.restype = c_void_p
        self.c.lrc_signature_tensor_count.restype = c_size_t
        self.c.lrc_signature_axis_count.restype = c_size_t
        self.c.lrc_signature_name.restype = c_char_p
        self.c.lrc_signature_axis.restype = c_char_p
        for name in ("lrc_program_from_file", "lrc_program_signature", "lrc_options_set", "lrc_compile_for", "lrc_compiled_launch"):
            getattr(self.c, name).restype = c_void_p

    def check(self, error):
        if error:
            raise RuntimeError(self.c.lrc_error_text(c_void_p(error)).decode())

    def program(self, path):
        program = c_void_p()
        self.check(self.c.lrc_program_from_file(path.encode(), byref(program)))
        return program

    def tensors(self, program, role):
        """Axes of one step, as names of dims, of each tensor with a role of the only recurrence, by its name; 0 for
        inputs, 1 for parameters that have no default."""
        signature = c_void_p()
        self.check(self.c.lrc_program_signature(program, None, byref(signature)))
        found = {}
        for index in range(self.c.lrc_signature_tensor_count(signature)):
            index = c_size_t(index)
            if (self.c.lrc_signature_role(signature, index) != role
                    or self.c.lrc_signature_is_optional(signature, index)):
                continue
            axes = self.c.lrc_signature_axis_count(signature, index)
            found[self.c.lrc_signature_name(signature, index).decode()] = [
                self.c.lrc_signature_axis(signature, index, c_size_t(axis)).decode() for axis in range(axes)]
        self.c.lrc_signature_destroy(signature)
        return found

    def kernel(self, program, inputs, **options):
        """A kernel for tensors like these."""
        chosen = c_void_p(self.c.lrc_options_create())
        for name, value in options.items():
            self.check(self.c.lrc_options_set(chosen, name.encode(), str(value).encode()))
        kernel = c_void_p()
        given = Arguments(inputs)
        self.check(self.c.lrc_compile_for(program, chosen, given.array, c_size_t(given.count), byref(kernel)))
        self.c.lrc_options_destroy(chosen)
        return kernel

    def caller(self, kernel, inputs, outputs):
        """A function that launches the kernel on the current stream."""
        given, wanted = Arguments(inputs), Arguments(outputs)

        def call():
            stream = torch.cuda.current_stream().cuda_stream
            self.check(self.c.lrc_compiled_launch(kernel, given.array, c_size_t(given.count), wanted.array,
                                                  c_size_t(wanted.count), c_void_p(stream)))

        return call
